/** Assigns things to shelves. Pure, and fixed for the store's whole life: never change the function. */
import { hashOf } from "../kernel/hash.ts";

/** A whole number from 0 to `shelves` - 1. */
export const shelfOf = (text: string, shelves: number): number => hashOf(text) % shelves;
