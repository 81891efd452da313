import { jsonReport, renderComment, renderSummary, renderText, type Review } from '../../../review';

/** Every form in which a review leaves the program. */
export const everyForm = (review: Review): readonly string[] => [
  renderComment(review),
  renderSummary(review),
  renderText(review),
  JSON.stringify(jsonReport(review)),
];
