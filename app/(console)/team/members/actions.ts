"use server";

import { memberAction } from "@/server/http/members";
import { memberId, memberRole, newMember } from "@/server/teams/schemas";
import * as teams from "@/server/teams/teams";

export const addMember = memberAction(newMember, (ctx, input) => teams.addMember(ctx, input));
export const changeRole = memberAction(memberRole, (ctx, input) => teams.changeRole(ctx, input));
export const removeMember = memberAction(memberId, (ctx, input) => teams.removeMember(ctx, input));
