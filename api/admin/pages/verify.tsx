/** The proof of the invariants, at the press of a button. */
import type { VerifyReport } from "../../../src/verify/report.ts";
import { show } from "../../dashboard/layout.tsx";
import { ActionForm, Card, Refusal, Table, words } from "../../dashboard/parts.tsx";
import { type Dashboard, field, type Visit } from "../../dashboard/visit.ts";
import { verifyStore } from "./operations.ts";

const Report = ({ visit, report }: { readonly visit: Visit; readonly report: VerifyReport }) => (
  <Card title="What was found">
    {report.ok
      ? (
        <p class="message good" role="status" id="verdict">
          Everything holds: no violation in {visit.format.number(report.counts.orders)} orders and
          {" "}
          {visit.format.number(report.counts.logEntries)} log entries.
        </p>
      )
      : (
        <p class="message bad" role="alert" id="verdict">
          {visit.format.number(report.violationsFound)} violations.
        </p>
      )}
    {report.unsettled === 0 ? null : (
      <p class="message warn">
        {visit.format.number(report.unsettled)} keys changed each time they were looked at.
      </p>
    )}
    {report.violations.length === 0
      ? null
      : (
        <Table label="Violations" head={[{ text: "Rule" }, { text: "Detail" }, { text: "Keys" }]}>
          {report.violations.map(({ invariant, detail, keys }) => (
            <tr>
              <td>{words(invariant)}</td>
              <td>{detail}</td>
              <td class="code">{keys.map((key) => key.join("/")).join(", ")}</td>
            </tr>
          ))}
        </Table>
      )}
    <Table label="Counts" head={[{ text: "What was read" }, { text: "Count", number: true }]}>
      {Object.entries(report.counts).map(([name, count]) => (
        <tr>
          <td>{words(name.replace(/([A-Z])/g, " $1").toLowerCase())}</td>
          <td class="number">{visit.format.number(count)}</td>
        </tr>
      ))}
    </Table>
  </Card>
);

const Ask = ({ visit }: { readonly visit: Visit }) => (
  <>
    <p>
      Reads the whole store and proves that nothing is oversold, no reservation is stuck, units and
      money add up, and orders are what the log says. It may take a while on a large store.
    </p>
    <ActionForm visit={visit} action="/verify" label="Verify now" tone="main" />
  </>
);

export const verifyPages = (app: Dashboard): void => {
  const page = { title: "Verify", section: "Verify" };

  app.get("/verify", (c) => {
    const visit = c.get("visit");
    return visit.calls.may(verifyStore)
      ? show(c, page, <Ask visit={visit} />)
      : show(c, page, <p class="empty">Your role may not do this.</p>, 403);
  });

  app.post("/verify", async (c) => {
    const visit = c.get("visit");
    const told = await visit.calls.ask(verifyStore, {
      idempotencyKey: field(c.get("fields"), "once") || undefined,
    });
    return show(
      c,
      page,
      <>
        <Ask visit={visit} />
        {told.ok ? <Report visit={visit} report={told.value} /> : <Refusal refused={told} />}
      </>,
      told.status,
    );
  });
};
