import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createCsvReader,
  type CsvDelimiter,
  type CsvQuoting,
  type CsvRow,
} from "../../src/import/csv.ts";

const limit = 1_000;

const read = (
  pieces: readonly string[],
  delimiter: CsvDelimiter = ",",
  rowCharacters = limit,
  quoting?: CsvQuoting,
) => {
  const reader = createCsvReader({ delimiter, quoting, rowCharacters });
  const rows: CsvRow[] = pieces.flatMap((piece) => [...reader.push(piece)]);
  return { rows: [...rows, ...reader.end()], header: reader.header() };
};

/** The text in pieces that end at these places. */
const cutAt = (text: string, places: readonly number[]): readonly string[] => {
  const sorted = [...places.map((place) => place % (text.length + 1)), text.length]
    .sort((a, b) => a - b);
  return sorted.map((end, n) => text.slice(n === 0 ? 0 : sorted[n - 1], end));
};

const quotedCell = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

const cell = fc.string({ unit: fc.constantFrom("a", "é", ",", ";", '"', "\n", "\r\n", " ", "7") });
const table = fc.integer({ min: 2, max: 5 }).chain((width) =>
  fc.array(
    // A row of nothing but empty cells is a blank one, so the first says that it is not.
    fc.array(cell, { minLength: width - 1, maxLength: width - 1 }).map((cells) => ["x", ...cells]),
    { minLength: 1, maxLength: 8 },
  )
);

Deno.test("whatever is written as CSV is read as it was", () => {
  fc.assert(fc.property(
    table,
    fc.constantFrom("\n", "\r\n"),
    fc.constantFrom<CsvDelimiter>(",", ";", "\t", "|"),
    fc.boolean(),
    (rows, ending, delimiter, lastEnding) => {
      const header = rows[0]?.map((_, n) => `column ${n}`) ?? [];
      const lines = [header, ...rows].map((cells) => cells.map(quotedCell).join(delimiter));
      const text = lines.join(ending) + (lastEnding ? ending : "");
      const found = read([text], delimiter, limit, "double");
      assert.deepEqual(found.header, header);
      assert.deepEqual(found.rows.map(({ cells }) => cells), rows);
      assert.ok(found.rows.every(({ malformed }) => malformed === null));
      // Each row begins on the line that its place in the text says.
      let line = 2;
      found.rows.forEach((row, n) => {
        assert.equal(row.line, line);
        line += lines[n + 1]?.split("\n").length ?? 0;
      });
    },
  ));
});

Deno.test("any text in any pieces gives the rows of the whole text", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "b", ",", '"', "\n", "\r\n", "\r", "x,y,z\n", '"q",1,2\n'),
    maxLength: 60,
  });
  fc.assert(fc.property(text, fc.array(fc.nat(500), { maxLength: 12 }), (body, places) => {
    const whole = `h,i,j\n${body}`;
    assert.deepEqual(read(cutAt(whole, places)), read([whole]));
  }));
});

Deno.test("any text at all is read to its end, each line in at most one row", () => {
  const text = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", ",\n") });
  fc.assert(fc.property(text, (body) => {
    const { rows } = read([`h,i\n${body}`], ",", 20);
    rows.forEach((row, n) => assert.ok(n === 0 || row.line > (rows[n - 1]?.line ?? 0)));
  }));
});

Deno.test("a quote that is never closed costs one row, wherever the next quote is", () => {
  const lines = ["id,name,n", "A,x,1", 'B,"open,2', "C,y,3", "D,z,4", 'E,"ok",5', "F,z,6", ""];
  for (const withoutLaterQuote of [false, true]) {
    const text = lines.filter((line) => !withoutLaterQuote || !line.startsWith("E")).join("\n");
    const { rows } = read([text]);
    assert.deepEqual(
      rows.map(({ line, cells, malformed }) => [line, cells[0], malformed !== null]),
      withoutLaterQuote
        ? [[2, "A", false], [3, "B", true], [4, "C", false], [5, "D", false], [6, "F", false]]
        : [[2, "A", false], [3, "B", true], [4, "C", false], [5, "D", false], [6, "E", false], [
          7,
          "F",
          false,
        ]],
    );
  }
});

Deno.test("a quote that swallows rows and closes by chance gives them back", () => {
  const { rows } = read(['id,name\nA,"open\nB,one\nC,two"\nD,three\n']);
  assert.deepEqual(
    rows.map(({ line, cells, malformed }) => [line, cells[0], malformed !== null]),
    // Inside quotes two cells are one, so the row had the right width: nothing tells it from a real one.
    [[2, "A", false], [5, "D", false]],
  );
  const swallowed = read(['id,name,n\nA,"open,1\nB,one,2\nC,two",3,4\nD,three,5\n']).rows;
  assert.deepEqual(
    swallowed.map(({ line, cells, malformed }) => [line, cells[0], malformed !== null]),
    [[2, "A", true], [3, "B", false], [4, "C", true], [5, "D", false]],
  );
});

Deno.test("a cell of several lines with too few cells beside it is one malformed row", () => {
  const { rows } = read(['id,name,n\nA,"one\ntwo"\nB,x,2\n']);
  assert.deepEqual(rows.map(({ line, malformed }) => [line, malformed]), [
    [2, "has 2 cells where the heading has 3"],
    [4, null],
  ]);
});

Deno.test("a row longer than the limit is malformed and the next one is not", () => {
  const long = "y".repeat(limit * 3);
  const { rows } = read([`id,name\nA,${long}\nB,x\n"C","${"line\n".repeat(limit)}"\nD,x\n`]);
  assert.equal(rows[0]?.malformed, `is longer than ${limit} characters`);
  assert.deepEqual(rows[0]?.cells, ["A"]);
  assert.equal(rows[1]?.malformed, null);
  assert.equal(rows[2]?.malformed, "opens a quotation mark that is never closed");
  assert.deepEqual(rows.at(-1)?.cells, ["D", "x"]);
});

Deno.test("blank lines and lines of empty cells are no rows, and are counted as lines", () => {
  const { rows } = read(["\n,,\nid,n,m\n\nA,1,2\n,,\nB,3,4\n\n"]);
  assert.deepEqual(rows.map(({ line, cells }) => [line, cells[0]]), [[5, "A"], [7, "B"]]);
});

Deno.test("reading broken rows again does not take more than linear work", () => {
  const chunk = Array.from({ length: 100 }, (_, n) => `${n},"open\n`).join("");
  const reader = createCsvReader({ delimiter: ",", rowCharacters: 64 * 1024 });
  reader.push("id,name\n");
  let rows = 0;
  for (let n = 0; n < 200; n++) rows += reader.push(chunk).length;
  rows += reader.end().length;
  assert.equal(rows, 20_000);
});

Deno.test("with tabs a quotation mark is a character as any other, unless it is said otherwise", () => {
  const text = 'id\tname\nA\t"open\nB\t24" wide\nC\tclosed"\nD\t"both"\n';
  const { rows } = read([text], "\t");
  assert.deepEqual(rows.map(({ cells }) => cells[1]), ['"open', '24" wide', 'closed"', '"both"']);
  const quoted = read(['id\tname\nA\t"a\tb"\n'], "\t", limit, "double");
  assert.deepEqual(quoted.rows[0]?.cells, ["A", "a\tb"]);
  assert.equal(read(['id,name\nA,24" wide\n'], ",", limit, "none").rows[0]?.cells[1], '24" wide');
});

Deno.test("a cell that keeps spreadsheets from taking it for a number is a cell in quotes", () => {
  const { rows } = read(['id,name\n="0,1",="a""b"\n"=""2""",x\n=3,x\n="4"y,x\n']);
  assert.deepEqual(rows.map(({ cells, malformed }) => [...cells, malformed]), [
    ['="0,1"', '="a"b"', null],
    ['="2"', "x", null],
    ["=3", "x", null],
    ["has text after the quotation mark that closes a cell"],
  ]);
});

Deno.test("blank cells behind the last column are none, and others are too many", () => {
  const { rows } = read(["id,name\nA,x,\nB,y,, \nC,z,1\nD\n"]);
  assert.deepEqual(rows.map(({ cells, malformed, short }) => [cells.length, malformed, short]), [
    [2, null, false],
    [2, null, false],
    [3, "has 3 cells where the heading has 2", false],
    [1, "has 1 cells where the heading has 2", true],
  ]);
});

Deno.test("lines may end with CR, LF or both, and the first one tells whether CR alone ends one", () => {
  const lines = ["id,name", "A,x", 'B,"y', 'z"', "C,w"];
  for (const ending of ["\r", "\n", "\r\n"]) {
    const text = lines.join(ending) + ending;
    for (const pieces of [[text], [...text]]) {
      assert.deepEqual(
        read(pieces).rows.map(({ line, cells }) => [line, cells[1]?.replace("\r\n", "\n")]),
        [[2, "x"], [3, "y\nz"], [5, "w"]],
        JSON.stringify(ending),
      );
    }
  }
  assert.deepEqual(read(["id,name\nA,x\ry\n"]).rows[0]?.cells, ["A", "x\ry"]);
});

Deno.test("a line that tells the delimiter is followed, and is counted as a line", () => {
  const { rows, header } = read(["sep=;\r\nid;name\r\nA;x,y\r\n"]);
  assert.deepEqual([header, rows[0]?.line, rows[0]?.cells], [["id", "name"], 3, ["A", "x,y"]]);
});
