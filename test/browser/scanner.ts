/** A scanner for tests in a browser: a keyboard that types quickly, and what the page did to be heard and felt. */
import type { CDPSession, Page } from "playwright-core";

/** What the page did to be heard and felt. */
export const senses = `
  window.felt = [];
  window.heard = [];
  navigator.vibrate = (pattern) => { felt.push(pattern); return true; };
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (...when) {
    heard.push(this.frequency.value > 500 ? "high" : "low");
    return start.apply(this, when);
  };
`;

/** A scanner: its keys carry the times at which it would type them, however busy the machine is. */
export class Scanner {
  private constructor(private readonly session: CDPSession) {}

  static async at(page: Page): Promise<Scanner> {
    return new Scanner(await page.context().newCDPSession(page));
  }

  async #key(key: string, atMs: number): Promise<void> {
    const isEnter = key === "Enter";
    const code = isEnter ? 13 : key.toUpperCase().charCodeAt(0);
    const shared = {
      key,
      code: isEnter ? "Enter" : key === " " ? "Space" : `Key${key.toUpperCase()}`,
      windowsVirtualKeyCode: code,
    };
    const timestamp = atMs / 1_000;
    const text = isEnter ? "\r" : key;
    await this.session.send("Input.dispatchKeyEvent", {
      ...{ ...shared, type: "keyDown", text, timestamp },
    });
    await this.session.send("Input.dispatchKeyEvent", { ...shared, type: "keyUp", timestamp });
  }

  /** Answers when the last key was typed. */
  async scan(code: string, atMs = Date.now(), gapMs = 2): Promise<void> {
    let at = atMs;
    for (const key of [...code, "Enter"]) {
      await this.#key(key, at);
      at += gapMs;
    }
  }
}
