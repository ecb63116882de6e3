/** What the demo sells, where it stands, and who buys it. */

interface Place {
  readonly city: string;
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface DemoLocation extends Place {
  readonly id: string;
  readonly name: string;
  readonly type: "warehouse" | "store";
  readonly timeZone: string;
  readonly calendarId: string;
  /** A store ships as long as it is open. */
  readonly cutOff?: string;
}

const shift = [["08:00", "18:00"]];
const weekdays = { mon: shift, tue: shift, wed: shift, thu: shift, fri: shift };

/** Calendars by their ids. */
export const calendars = {
  warehouses: {
    name: "Warehouses",
    week: weekdays,
    exceptions: [{ date: "2026-12-25", open: false }, { date: "2027-01-01", open: false }],
  },
  stores: { name: "Stores", week: { ...weekdays, sat: [["10:00", "17:00"]] } },
};

/** How long carriers are under way, by their ids. */
export const transitTables = {
  dhl: {
    name: "DHL",
    calendarId: "warehouses",
    services: [
      {
        service: "standard",
        transit: [
          { days: 4 },
          { country: "NL", days: 1 },
          {
            country: "DE",
            days: 2,
          },
          { country: "BE", days: 2 },
          { country: "FR", days: 3 },
        ],
      },
      { service: "express", transit: [{ days: 1 }] },
    ],
  },
};

export const locations: readonly DemoLocation[] = [
  {
    id: "wh-rotterdam",
    name: "Warehouse Rotterdam",
    type: "warehouse",
    city: "Rotterdam",
    country: "NL",
    latitude: 51.92,
    longitude: 4.48,
    timeZone: "Europe/Amsterdam",
    calendarId: "warehouses",
    cutOff: "16:00",
  },
  {
    id: "wh-leipzig",
    name: "Warehouse Leipzig",
    type: "warehouse",
    city: "Leipzig",
    country: "DE",
    latitude: 51.34,
    longitude: 12.37,
    timeZone: "Europe/Berlin",
    calendarId: "warehouses",
    cutOff: "15:00",
  },
  {
    id: "wh-lyon",
    name: "Warehouse Lyon",
    type: "warehouse",
    city: "Lyon",
    country: "FR",
    latitude: 45.76,
    longitude: 4.84,
    timeZone: "Europe/Paris",
    calendarId: "warehouses",
    cutOff: "14:30",
  },
  {
    id: "store-amsterdam",
    name: "Store Amsterdam",
    type: "store",
    city: "Amsterdam",
    country: "NL",
    latitude: 52.37,
    longitude: 4.9,
    timeZone: "Europe/Amsterdam",
    calendarId: "stores",
  },
];

export const pickupLocation = "store-amsterdam";

export interface DemoItem {
  readonly sku: string;
  readonly name: string;
  readonly price: string;
  readonly weightGrams?: number;
  readonly digital?: boolean;
  /** Arrives seldom, so that orders wait for it. */
  readonly scarce?: boolean;
}

export const items: readonly DemoItem[] = [
  { sku: "MUG-BLUE", name: "Mug, blue", price: "12.50", weightGrams: 380 },
  { sku: "MUG-RED", name: "Mug, red", price: "12.50", weightGrams: 380 },
  { sku: "TEAPOT", name: "Teapot", price: "39.00", weightGrams: 900 },
  { sku: "KETTLE", name: "Kettle", price: "64.90", weightGrams: 1_350 },
  { sku: "TEA-GREEN", name: "Green tea, 250 g", price: "9.80", weightGrams: 270 },
  { sku: "TEA-BLACK", name: "Black tea, 250 g", price: "8.40", weightGrams: 270 },
  { sku: "SPOONS-6", name: "Six spoons", price: "18.00", weightGrams: 220 },
  { sku: "TRAY-OAK", name: "Oak tray", price: "34.00", weightGrams: 1_100 },
  { sku: "SCALE", name: "Kitchen scale", price: "29.90", weightGrams: 640, scarce: true },
  { sku: "LAMP", name: "Table lamp", price: "79.00", weightGrams: 2_100, scarce: true },
  { sku: "GIFT-CARD-25", name: "Gift card", price: "25.00", digital: true },
];

export const channels = ["web", "marketplace", "sales"] as const;

const homes: readonly Place[] = [
  { city: "Utrecht", country: "NL", latitude: 52.09, longitude: 5.12 },
  { city: "Antwerp", country: "BE", latitude: 51.22, longitude: 4.4 },
  { city: "Berlin", country: "DE", latitude: 52.52, longitude: 13.4 },
  { city: "Prague", country: "CZ", latitude: 50.08, longitude: 14.44 },
  { city: "Paris", country: "FR", latitude: 48.86, longitude: 2.35 },
  { city: "Milan", country: "IT", latitude: 45.46, longitude: 9.19 },
  { city: "Copenhagen", country: "DK", latitude: 55.68, longitude: 12.57 },
];

export const customers: readonly (Place & { readonly id: string; readonly name: string })[] = [
  "Ada Example",
  "Ben Sample",
  "Chloe Model",
  "Dmitri Pattern",
  "Elif Draft",
  "Finn Sketch",
  "Greta Outline",
  "Hugo Trial",
  "Ines Specimen",
  "Jonas Proof",
].flatMap((name, person) =>
  homes.map((home, index) => ({ ...home, id: `cus-${person}-${index}`, name }))
);

export const carriers = ["DHL", "DPD", "PostNL", "UPS"] as const;
export const cancelReasons = ["changed their mind", "found it cheaper", "ordered twice"] as const;
export const returnReasons = ["unwanted", "damaged", "not_as_described"] as const;
export const holdReasons = ["address looks odd", "payment under review"] as const;
