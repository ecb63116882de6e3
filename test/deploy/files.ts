/** The files to run Allot with, as tests and checks read them. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export const deployFile = (name: string): string =>
  readFileSync(`${root}api/deploy/${name}`, "utf8");

/** An instruction of a Dockerfile. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** Without comments, and with the lines that a backslash continues. */
export const instructionsOf = (dockerfile: string): readonly Instruction[] =>
  dockerfile.replace(/^#.*\n/gm, "").replace(/\\\n\s*/g, "").split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, name = "", text = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      return { name, text };
    });

/** The words of an instruction in its exec form, which is JSON. */
export const wordsOf = (instructions: readonly Instruction[], name: string): readonly string[] => {
  const text = instructions.find((each) => each.name === name)?.text ?? "[]";
  return JSON.parse(text.slice(text.indexOf("[")));
};

/** A rule of the alerts' file, which is written so that a line or a block is enough to read it. */
export interface Rule {
  readonly alert: string;
  readonly expr: string;
}

export const rulesIn = (yaml: string): readonly Rule[] =>
  yaml.split(/^ +- alert: /m).slice(1).map((text) => {
    const alert = text.slice(0, text.indexOf("\n"));
    const [, inline, block] = /^ +expr: (?:(?!\|)(.*)|\|\n((?: {10,}.*\n)+))/m.exec(text) ?? [];
    return { alert, expr: (inline ?? block ?? "").replace(/\s+/g, " ").trim() };
  });

interface Target {
  readonly expr: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly Target[];
}

interface GrafanaDashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: string }[] };
  readonly annotations: { readonly list: readonly Target[] };
}

export const grafanaDashboard = (): GrafanaDashboard => JSON.parse(deployFile("dashboard.json"));

/** All expressions of the dashboard, with what Grafana puts in for its variables. */
export const dashboardExpressions = (): readonly string[] => {
  const { panels, annotations } = grafanaDashboard();
  return [
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...annotations.list.map(({ expr }) => expr),
  ].map((expr) => expr.replaceAll("$__rate_interval", "5m").replaceAll("$instance", ".*"));
};
