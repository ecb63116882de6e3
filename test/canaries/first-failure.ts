/** Whether a property fails is all that a canary asks: a smaller example of it would take longer to find. */
import fc from "fast-check";

fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });
