/** Every bound of the dashboard. */
export const dashboardLimits = {
  /** How long a session lasts from its sign-in. */
  sessionMs: 12 * 3_600_000,
  /** Changes within this time are told to a page as one. */
  mergeMs: 400,
  /** How often a page is told that its numbers are still right; without it they count as stale. */
  beatMs: 5_000,
  formBytes: 256 * 1024,
  /** Of a time zone's name. */
  zoneCharacters: 64,
  rowsPerPage: 50,
  /** Locations, documents, and orders that wait, that the page of one SKU looks at. */
  rowsPerSkuPage: 200,
  /** Locations that a page offers to choose from, the rest is typed. */
  locations: 200,
  /** Locations whose oldest open fulfillment order the overview shows, and how long that is believed. */
  locationsWithAge: 20,
  ageMs: 5_000,
  /** Such ages kept in memory, for each that sees another part. */
  cachedAges: 2_000,
  /** Items, and places, that one page names. */
  named: 300,
  /** Events of an order on one page. */
  historyEvents: 100,
  /** Stock rows looked through for one page of those that are low. */
  stockRowsScanned: 5_000,
  /** The beginning of a file that is sent for a preview, and the part of it that is shown. */
  previewBytes: 64 * 1024,
  previewRows: 8,
  importsShown: 20,
  /** Rows of one download, as many at a time: more than a spreadsheet takes, which are 1,048,576. */
  exportRows: 2_000_000,
  rowsPerExportPage: 200,
} as const;
