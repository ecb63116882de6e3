/** Calendars, carriers and the dates of locations over HTTP, and their pages. */
import assert from "node:assert/strict";
import { Effect, Exit } from "effect";
import { References } from "../../actors/reference/references.ts";
import { requireCalendar } from "../../api/calendar/known.ts";
import { calendarLimits } from "../../src/calendar/limits.ts";
import { askPage, signInTo } from "../support/dashboard.ts";
import { startServer, type TestServer } from "../support/server.ts";

const put = (server: TestServer, path: string, json: object) =>
  server.ask(path, { method: "PUT", json });

/** Places of faults, and what is said of each. */
const faultsOf = async (server: TestServer, path: string, json: object) => {
  const { status, body } = await put(server, path, json);
  assert.equal(status, 422, JSON.stringify(body));
  return [...body.errors ?? []].map(({ pointer, detail }) => `${pointer} ${detail}`);
};

const week = {
  mon: [["09:00", "17:00"]],
  fri: [["13:00", "16:00"], ["09:00", "12:30"]],
};

const place = { name: "Berlin", type: "warehouse", address: { country: "DE" } } as const;

Deno.test("a calendar is saved, answered as it was sent, and changed on its version", async () => {
  await using server = await startServer();
  const exceptions = [
    { date: "2026-12-25", open: false },
    { date: "2026-12-19", open: true },
    { date: "2026-12-24", hours: [["09:00", "24:00"]] },
    { date: "2026-12-28", hours: [] },
  ];
  const made = await put(server, "/v1/calendars/work", { name: "Work", week, exceptions });
  assert.equal(made.status, 201);
  const { createdAt: _, updatedAt: __, ...rest } = made.body;
  assert.deepEqual(rest, { id: "work", name: "Work", week, exceptions, version: 1 });
  const changed = await put(server, "/v1/calendars/work", { week: {} });
  assert.equal(changed.status, 200);
  assert.deepEqual((await server.ask("/v1/calendars/work")).body, changed.body);
  assert.deepEqual([changed.body["exceptions"], changed.body["version"]], [[], 2]);
  const { body: { data } } = await server.ask("/v1/calendars");
  assert.deepEqual(data, [changed.body]);
});

Deno.test("what is wrong with a calendar is pointed at", async () => {
  await using server = await startServer();
  const faults = (json: object) => faultsOf(server, "/v1/calendars/work", json);
  assert.deepEqual(await faults({}), ["/week is required"]);
  assert.deepEqual(await faults({ week: { monday: [] } }), ["/week/monday is not known here"]);
  assert.deepEqual(
    await faults({
      week: {
        mon: [["17:00", "09:00"]],
        tue: [["09:00", "12:00"], ["13:00", "15:00"], ["11:59", "12:30"]],
        wed: [["9:00", "24:01"]],
        thu: [["09:00", "09:00"]],
      },
    }),
    [
      "/week/mon/0/1 must be after 17:00: hours end on the day they begin",
      "/week/tue/2 overlaps 09:00-12:00",
      "/week/wed/0/0 must be a time of the day such as 09:30",
      "/week/wed/0/1 must be a time of the day such as 09:30",
      "/week/thu/0/1 must be after 09:00: hours end on the day they begin",
    ],
  );
  assert.deepEqual(
    await faults({ week: { mon: [["09:00"]] } }).then(([first]) => first?.split(" ")[0]),
    "/week/mon/0",
  );
  assert.deepEqual(
    await faults({
      week: {},
      exceptions: [
        { date: "2026-02-29", open: false },
        { date: "2026-13-01", open: false },
        { date: "2026-12-25" },
        { date: "2026-12-26", open: false, hours: [["09:00", "12:00"]] },
        { date: "2026-12-27", hours: [["09:00", "12:00"], ["11:00", "13:00"]] },
      ],
    }),
    [
      "/exceptions/0/date must be a day from 1970 on, such as 2026-12-25",
      "/exceptions/1/date must be a day from 1970 on, such as 2026-12-25",
      "/exceptions/2 must have `open` or `hours`",
      "/exceptions/3/open is not what the hours say",
      "/exceptions/4/hours/1 overlaps 09:00-12:00",
    ],
  );
  const holiday = { date: "2026-12-25", open: false };
  assert.deepEqual(await faults({ week: {}, exceptions: [holiday, holiday] }), [
    "/exceptions/1/date comes twice",
  ]);
  const tooMany = Array.from({ length: calendarLimits.exceptions + 1 }, (_, n) => ({
    date: Temporal.PlainDate.from("2026-01-01").add({ days: n }).toString(),
    open: false,
  }));
  assert.match((await faults({ week: {}, exceptions: tooMany })).join(), /^\/exceptions must/);
  const most = { week: {}, exceptions: tooMany.slice(1) };
  assert.equal((await put(server, "/v1/calendars/work", most)).status, 201);
});

Deno.test("what is wrong with a carrier is pointed at, and its calendar must be there", async () => {
  await using server = await startServer();
  const faults = (json: object) => faultsOf(server, "/v1/carriers/dhl", json);
  assert.deepEqual(await faults({ name: "DHL", calendarId: "nine to five" }), [
    "/calendarId is no calendar",
  ]);
  const { transitDays } = calendarLimits;
  assert.deepEqual(
    await faults({
      name: "DHL",
      services: [{
        service: "standard",
        transit: [
          { country: "DE", postalPrefix: "10 1", days: 1 },
          { country: "de", postalPrefix: "10-1", days: 2 },
          { country: "DEU", days: transitDays + 1 },
        ],
      }],
    }),
    [
      "/services/0/transit/2/country must be an ISO 3166-1 alpha-2 country code",
      `/services/0/transit/2/days must be a value between 0 and ${transitDays}`,
    ],
  );
  assert.deepEqual(
    await faults({
      name: "DHL",
      services: [{
        service: "standard",
        transit: [
          { country: "DE", postalPrefix: "10 1", days: 1 },
          { country: "de", postalPrefix: "10-1", days: 2 },
        ],
      }],
    }),
    ["/services/0/transit/1 comes twice"],
  );
  const standard = { service: "standard", transit: [{ days: 1 }] };
  assert.deepEqual(
    await faults({ name: "DHL", services: [standard, { ...standard, service: "Standard" }] }),
    ["/services/1/service comes twice"],
  );
  await put(server, "/v1/calendars/nine%20to%20five", { week });
  const made = await put(server, "/v1/carriers/dhl", {
    name: "DHL",
    calendarId: "nine to five",
    services: [standard],
  });
  assert.equal(made.status, 201);
  assert.deepEqual((await server.ask("/v1/carriers/dhl")).body, made.body);
  assert.deepEqual((await put(server, "/v1/carriers/ups", { name: "UPS" })).body["services"], []);
});

Deno.test("a location says what its dates rest on, and one that does not is as it was", async () => {
  await using server = await startServer();
  const faults = (json: object) => faultsOf(server, "/v1/locations/ber", { ...place, ...json });
  assert.deepEqual(await faults({ timeZone: "Europe/Brlin" }), [
    "/timeZone must be of the IANA database",
  ]);
  assert.deepEqual(await faults({ timeZone: "+01:00" }), [
    "/timeZone must be of the IANA database",
  ]);
  assert.deepEqual(await faults({ calendarId: "work" }), ["/calendarId is no calendar"]);
  for (const cutOff of ["24:00", "9:00", "15:60", "15:00:00"]) {
    assert.deepEqual(await faults({ cutOff }), [
      "/cutOff must be a time of the day such as 15:00",
    ]);
  }
  const { handlingDays, receivingDays } = calendarLimits;
  assert.deepEqual(
    await faults({ handlingDays: handlingDays + 1, receivingDays: -1 }),
    [
      `/handlingDays must be a value between 0 and ${handlingDays}`,
      `/receivingDays must be a value between 0 and ${receivingDays}`,
    ],
  );
  await put(server, "/v1/calendars/work", { week });
  const dates = {
    timeZone: "Europe/Berlin",
    calendarId: "work",
    cutOff: "15:00",
    handlingDays,
    receivingDays: 0,
  };
  const made = await put(server, "/v1/locations/ber", { ...place, ...dates });
  assert.equal(made.status, 201);
  assert.deepEqual({ ...made.body, ...dates }, made.body);
  const without = await put(server, "/v1/locations/ams", place);
  assert.deepEqual(Object.keys(without.body).filter((name) => Object.hasOwn(dates, name)), []);
});

Deno.test("a calendar that another process has just made is one", async () => {
  let isForgotten = false;
  // Memory has what was there before, until it is told to forget.
  const references = {
    find: () => Effect.sync(() => isForgotten ? { id: "work" } : null),
    forget: () => {
      isForgotten = true;
    },
  } as unknown as References["Service"];
  const asked = Effect.provideService(
    requireCalendar({ calendarId: "work" }),
    References,
    references,
  );
  assert.ok(Exit.isSuccess(await Effect.runPromiseExit(asked)));
});

Deno.test("calendars, carriers and the dates of a location are made and changed in pages", async () => {
  await using server = await startServer();
  const { cookie, csrf } = await signInTo(server);
  const send = async (path: string, fields: Readonly<Record<string, string>>) => {
    const answer = await askPage(server, path, { cookie, form: { csrf, ...fields } });
    return { status: answer.status, text: await answer.text() };
  };
  const see = async (path: string) => await (await askPage(server, path, { cookie })).text();
  const hours = { mon: "09:00-12:30, 13:00-17:00", tue: "09:00 - 17:00" };
  const refused = await send("/calendars", { id: "work", ...hours, wed: "9-17" });
  assert.equal(refused.status, 422);
  assert.match(refused.text, /week wed 0 0: must be a time of the day/);
  const exceptions = "2026-12-25 closed\n\n2026-12-24 09:00-12:00\r\n2026-12-19 Open";
  assert.equal((await send("/calendars", { id: "work", ...hours, exceptions })).status, 303);
  const { body: calendar } = await server.ask("/v1/calendars/work");
  assert.deepEqual(calendar["week"], {
    mon: [["09:00", "12:30"], ["13:00", "17:00"]],
    tue: [["09:00", "17:00"]],
  });
  assert.deepEqual(calendar["exceptions"], [
    { date: "2026-12-25", open: false },
    { date: "2026-12-24", hours: [["09:00", "12:00"]] },
    { date: "2026-12-19", open: true },
  ]);
  assert.match(await see("/calendars"), /Mon, Tue/);
  const page = await see("/calendars/work");
  for (const shown of ["09:00-12:30, 13:00-17:00", "Friday", "2026-12-24 09:00-12:00"]) {
    assert.ok(page.includes(shown), shown);
  }

  const services = "standard, DE, 27, 2\nexpress, , , 1\nstandard, DE, , 1\ncollect";
  const carrier = { id: "dhl", name: "DHL", calendarId: "work", services };
  assert.equal((await send("/carriers", carrier)).status, 303);
  const { body: made } = await server.ask("/v1/carriers/dhl");
  assert.deepEqual(made["services"], [
    {
      service: "standard",
      transit: [{ country: "DE", postalPrefix: "27", days: 2 }, { country: "DE", days: 1 }],
    },
    { service: "express", transit: [{ days: 1 }] },
    { service: "collect", transit: [] },
  ]);
  // The form as it is shown saves what is there.
  const shown = /<textarea[^>]*name="services"[^>]*>\n([^<]*)</.exec(await see("/carriers/dhl"))
    ?.[1];
  const again = { ...carrier, version: "1", services: shown ?? "" };
  assert.equal((await send("/carriers/dhl", again)).status, 303);
  assert.deepEqual((await server.ask("/v1/carriers/dhl")).body, made);
  const wrong = await send("/carriers/dhl", { ...again, services: "standard, DE, soon" });
  assert.match(wrong.text, /services 0 transit 0 days/);

  await put(server, "/v1/locations/ber", { ...place, receivingDays: 2 });
  const dates = {
    timeZone: "Europe/Berlin",
    calendarId: "work",
    cutOff: "15:00",
    handlingDays: "1",
  };
  const location = { name: "Berlin", type: "store", country: "DE", active: "true", version: "1" };
  assert.equal((await send("/locations/ber", { ...location, ...dates })).status, 303);
  const { body: saved } = await server.ask("/v1/locations/ber");
  assert.deepEqual(
    [saved["timeZone"], saved["calendarId"], saved["cutOff"], saved["handlingDays"]],
    ["Europe/Berlin", "work", "15:00", 1],
  );
  assert.equal(saved["receivingDays"], undefined);
  assert.match(await see("/locations/ber"), /An order of now leaves by/);
  await put(server, "/v1/calendars/work", { week: {} });
  assert.match(await see("/locations/ber"), /too few working days in the 400 days/);
});
