/** Barcodes as SVG. The library is large and only papers want it, so it is loaded with the first. */
let library: Promise<typeof import("bwip-js/node")> | undefined;

/** Code 128 (ISO/IEC 15417) of an id; null for text that it cannot hold. */
export const barcode = async (text: string): Promise<string | null> => {
  if (!/^[\x20-\x7e]{1,80}$/.test(text)) return null;
  library ??= import("bwip-js/node");
  const { toSVG } = await library;
  return toSVG({ bcid: "code128", text, height: 14, includetext: false, paddingwidth: 4 });
};
