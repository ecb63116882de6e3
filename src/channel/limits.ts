/** Every bound of channels. */
export const channelLimits = {
  /** Channels with settings that one store may have. */
  channels: 500,
  /** Locations of one list of a channel. */
  locations: 1_000,
  /** SKUs of a channel with a buffer of their own. */
  buffers: 1_000,
  /** The largest number of units that is kept back of a SKU. */
  bufferUnits: 1_000_000,
} as const;
