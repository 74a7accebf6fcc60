import { z } from 'zod';

/** The most results of one search. */
const MAX_RESULTS = 50;

/** The arguments of `search_knowledge_base`. */
export const searchInput = z.object({
  query: z.string().min(1).max(1_000).describe('Search query string'),
  max_results: z.int().min(1).max(MAX_RESULTS).default(10).describe('Maximum number of results to return'),
});

/** What {@link searchInput} lets through. */
export type SearchInput = z.output<typeof searchInput>;

/** The result of `search_knowledge_base`. */
export const searchOutput = z.object({
  query: z.string(),
  results: z
    .array(
      z.object({
        title: z.string().describe('The headings above the section, outermost first'),
        content: z.string().describe('An excerpt of the section around what was found'),
        relevance_score: z.number().min(0).max(1).describe('Compared with the best result of this search, which has 1'),
        source: z.string().describe('The document: the name of its folder and its path in there'),
        timestamp: z.iso.datetime().describe('When the document was last changed'),
      }),
    )
    .max(MAX_RESULTS)
    .describe('Best first'),
  total_found: z.int().min(0).describe('All sections that match, those beyond max_results included'),
  search_time_ms: z.number().min(0),
});

/** See {@link searchOutput}. */
export type SearchOutput = z.output<typeof searchOutput>;
