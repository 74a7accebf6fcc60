import type * as sdk from '@modelcontextprotocol/server';
import { describe, expectTypeOf, it } from 'vitest';
import type * as core from '../core/index.js';

/**
 * Nothing below `mcp/` imports the SDK, so core writes its types out again. The compiler reads this file with all
 * others: where one side changes, the type check fails here.
 */
describe('the content types of core', () => {
  it('take what the SDK makes, and the SDK takes what they make', () => {
    expectTypeOf<core.Annotations>().toExtend<sdk.Annotations>();
    expectTypeOf<sdk.Annotations>().toExtend<core.Annotations>();
    expectTypeOf<core.Icon>().toExtend<sdk.Icon>();
    expectTypeOf<sdk.Icon>().toExtend<core.Icon>();
    expectTypeOf<core.TextContent>().toExtend<sdk.TextContent>();
    expectTypeOf<sdk.TextContent>().toExtend<core.TextContent>();
    expectTypeOf<core.ImageContent>().toExtend<sdk.ImageContent>();
    expectTypeOf<sdk.ImageContent>().toExtend<core.ImageContent>();
    expectTypeOf<core.AudioContent>().toExtend<sdk.AudioContent>();
    expectTypeOf<sdk.AudioContent>().toExtend<core.AudioContent>();
    expectTypeOf<core.TextResourceContents>().toExtend<sdk.TextResourceContents>();
    expectTypeOf<sdk.TextResourceContents>().toExtend<core.TextResourceContents>();
    expectTypeOf<core.BlobResourceContents>().toExtend<sdk.BlobResourceContents>();
    expectTypeOf<sdk.BlobResourceContents>().toExtend<core.BlobResourceContents>();
    expectTypeOf<core.EmbeddedResource>().toExtend<sdk.EmbeddedResource>();
    expectTypeOf<sdk.EmbeddedResource>().toExtend<core.EmbeddedResource>();
    expectTypeOf<core.ResourceLink>().toExtend<sdk.ResourceLink>();
    expectTypeOf<sdk.ResourceLink>().toExtend<core.ResourceLink>();
    expectTypeOf<core.ContentBlock>().toExtend<sdk.ContentBlock>();
    expectTypeOf<sdk.ContentBlock>().toExtend<core.ContentBlock>();
    expectTypeOf<core.PromptMessage>().toExtend<sdk.PromptMessage>();
    expectTypeOf<sdk.PromptMessage>().toExtend<core.PromptMessage>();
    expectTypeOf<core.ToolAnnotations>().toExtend<sdk.ToolAnnotations>();
    expectTypeOf<sdk.ToolAnnotations>().toExtend<core.ToolAnnotations>();
    expectTypeOf<sdk.CallToolResult>().toExtend<core.ToolResult>();
    expectTypeOf<core.LogLevel>().toEqualTypeOf<sdk.LoggingLevel>();
  });

  it('have the same members', () => {
    expectTypeOf<keyof core.Annotations>().toEqualTypeOf<keyof sdk.Annotations>();
    expectTypeOf<keyof core.Icon>().toEqualTypeOf<keyof sdk.Icon>();
    expectTypeOf<keyof core.TextContent>().toEqualTypeOf<keyof sdk.TextContent>();
    expectTypeOf<keyof core.ImageContent>().toEqualTypeOf<keyof sdk.ImageContent>();
    expectTypeOf<keyof core.AudioContent>().toEqualTypeOf<keyof sdk.AudioContent>();
    expectTypeOf<keyof core.EmbeddedResource>().toEqualTypeOf<keyof sdk.EmbeddedResource>();
    expectTypeOf<keyof core.ResourceLink>().toEqualTypeOf<keyof sdk.ResourceLink>();
    expectTypeOf<keyof core.TextResourceContents>().toEqualTypeOf<keyof sdk.TextResourceContents>();
    expectTypeOf<keyof core.BlobResourceContents>().toEqualTypeOf<keyof sdk.BlobResourceContents>();
    expectTypeOf<keyof core.PromptMessage>().toEqualTypeOf<keyof sdk.PromptMessage>();
    expectTypeOf<keyof core.ToolAnnotations>().toEqualTypeOf<keyof sdk.ToolAnnotations>();
  });
});
