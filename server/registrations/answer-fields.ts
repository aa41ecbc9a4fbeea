/** Names of the fields of a workshop's questions. Apart from what checks them, so that a customer's phone loads none of that. */

/** The name of a question's field in a form, which is also the path of its error. */
export const answerField = (questionId: string) => `answers.${questionId}`;

/** The answers among the fields of a form. */
export function typedAnswers(values: Record<string, string>): Record<string, string> {
  const prefix = answerField("");
  const own = Object.entries(values).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}
