import { Injectable } from '@nestjs/common';
import { McpTool } from '../../index.js';
import { excerpt } from './excerpt.js';
import { KnowledgeBase } from './knowledge-base.js';
import { searchInput, searchOutput, type SearchInput, type SearchOutput } from './knowledge.schema.js';

/** The guide's search tool. */
@Injectable()
export class KnowledgeTools {
  constructor(private readonly knowledge: KnowledgeBase) {}

  /** Finds sections of documents by their words, and quotes each where it matches. */
  @McpTool({
    title: 'Search knowledge base',
    description:
      'Search for information in a knowledge base of documents. Give a few words; the answer quotes the best matching ' +
      'sections with their title, source and date.',
    inputSchema: searchInput,
    outputSchema: searchOutput,
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  })
  async searchKnowledgeBase({ query, max_results }: SearchInput): Promise<SearchOutput> {
    const start = performance.now();
    const { total, hits } = await this.knowledge.search(query, max_results);
    const results = hits.map(({ title, text, relevance, source, timestamp, terms }) => ({
      title,
      content: excerpt(text, terms),
      relevance_score: relevance,
      source,
      timestamp,
    }));
    return { query, results, total_found: total, search_time_ms: performance.now() - start };
  }
}
