import { DomainError, errorStatus } from "@/server/errors";
import { memberRequest } from "@/server/http/members";
import { failure, parseInput } from "@/server/http/request";
import { exportInput, exportRegistrations } from "@/server/registrations/registrations";

/** Text as bytes, piece by piece; whoever stops reading stops the reading of rows. */
function streamed(content: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await content.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await content.return(undefined);
    },
  });
}

type Props = { params: Promise<{ id: string }> };

/** The registrations of a workshop as a file. A POST from a page of ours, since it is logged and counted. */
export async function POST(request: Request, { params }: Props): Promise<Response> {
  try {
    const ctx = await memberRequest();
    const form = (await request.json().catch(() => null)) as object | null;
    const input = parseInput(exportInput, { ...form, workshopId: (await params).id });
    const { filename, rows, content } = await exportRegistrations(ctx, input);
    return new Response(streamed(content), {
      headers: {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": `attachment; filename="${filename}"`,
        "x-rows": String(rows),
        "cache-control": "private, no-store",
      },
    });
  } catch (error) {
    const status = error instanceof DomainError ? errorStatus[error.code] : 500;
    return Response.json(failure(error), { status, headers: { "cache-control": "no-store" } });
  }
}
