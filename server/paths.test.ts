import { expect, test } from "vitest";
import { pathAfterSignIn } from "@/server/paths";

test.each(["/workshops", "/workshops/wks_1/mail?state=sent&page=2", "/", "/team/members"])(
  "after signing in, %s is followed",
  (path) => {
    expect(pathAfterSignIn(path)).toBe(path);
  },
);

test.each([
  "",
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "\\\\evil.example",
  "javascript:alert(1)",
  "/a\r\nset-cookie: x=1",
  "/sign-in",
  "/sign-in/code",
])("after signing in, %j leads home", (path) => {
  expect(pathAfterSignIn(path)).toBe("/");
});
