import { test } from "node:test";

test("the unit tests are built and run", () => undefined);
