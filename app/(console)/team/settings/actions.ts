"use server";

import { memberAction } from "@/server/http/members";
import { teamSettings } from "@/server/teams/schemas";
import * as teams from "@/server/teams/teams";

export const updateTeam = memberAction(teamSettings, (ctx, input) => teams.updateTeam(ctx, input));
