import { sweepHalf } from "./halves.ts";

sweepHalf(1);
