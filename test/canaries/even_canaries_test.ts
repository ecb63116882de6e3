import { testHalf } from "./noticed.ts";

testHalf(0);
