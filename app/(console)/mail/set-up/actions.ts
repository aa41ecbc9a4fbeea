"use server";

import { z } from "zod";
import { memberAction } from "@/server/http/members";
import * as identity from "@/server/mail/identity-check";

export const checkSender = memberAction(z.object({}), (ctx) => identity.checkSender(ctx));
