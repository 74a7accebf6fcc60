import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { McpPrompt, type PromptMessage } from '../../src/index.js';

//#region prompts
const reviewArguments = z.object({
  language: z.string().describe('The language of the code'),
  focus: z.string().optional().describe('What to look at first'),
});

@Injectable()
export class ReviewPrompts {
  @McpPrompt({
    title: 'Review code',
    description: 'Asks for a review',
    argsSchema: reviewArguments,
    complete: { language: 'languages' },
  })
  review({ language, focus = 'correctness' }: z.output<typeof reviewArguments>): readonly PromptMessage[] {
    return [
      { role: 'user', content: { type: 'text', text: `Review this ${language} code. Begin with ${focus}.` } },
      { role: 'assistant', content: { type: 'text', text: 'Please paste the code.' } },
    ];
  }

  languages(typed: string): string[] {
    return ['python', 'rust', 'typescript'].filter((language) => language.startsWith(typed));
  }
}
//#endregion
