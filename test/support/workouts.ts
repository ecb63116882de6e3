/** How each aggregate of the engine is exercised; a test fails where one of the list has no workout. */
import { orderWorkout } from "../laws/orders.ts";
import { purchaseOrderWorkout, transferWorkout } from "../laws/supply.ts";
import { type Workout, workout } from "./workout.ts";

export const workouts: readonly Workout[] = [
  workout(orderWorkout),
  workout(purchaseOrderWorkout),
  workout(transferWorkout),
];
