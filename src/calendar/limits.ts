/** Every bound of calendars, of dates that are counted by them, and of the transit tables of carriers. */
export const calendarLimits = {
  /** Calendars of one store. All are known to every process. */
  calendars: 500,
  /** Spans of hours of one day. */
  hoursPerDay: 10,
  /** Days of one calendar that are not as their week is. */
  exceptions: 1_000,
  /** Carriers of one store. All are known to every process. */
  carriers: 100,
  /** Services of one carrier, and rows of the transit table of one. */
  services: 50,
  transitRows: 1_000,
  /** Characters of the beginning of a postal code. */
  postalPrefixLength: 20,
  /** Working days that a location takes to make a parcel ready, and to put away what it received. */
  handlingDays: 60,
  receivingDays: 60,
  /** Working days that a carrier is under way. */
  transitDays: 180,
  /** Days that are looked at for a working day: who is closed for longer has no date. */
  searchedDays: 400,
  /** Characters of one list in a form of the dashboard. */
  typedCharacters: 100_000,
  /** Dates of each kind that are kept in memory, of all locations together. */
  keptDates: 10_000,
} as const;
