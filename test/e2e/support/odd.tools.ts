import { Injectable } from '@nestjs/common';
import { McpTool, RookeryError, type ContentBlock } from '../../../src/index.js';

/** Tools whose content is not what the protocol describes, as types cannot keep everybody from it, and one that is busy. */
@Injectable()
export class OddTools {
  @McpTool({ description: 'A block with a member that the protocol does not know.' })
  unknownMember(): ContentBlock {
    return { type: 'text', text: 'known', further: 'unknown' } as ContentBlock;
  }

  @McpTool({ description: 'An image that is not base64.' })
  notBase64(): ContentBlock {
    return { type: 'image', data: 'not base64!', mimeType: 'image/png' };
  }

  @McpTool({ description: 'Takes no more calls for seven seconds.' })
  busy(): never {
    throw new RookeryError('rate_limited', 'It takes no more calls. Try again in 7 seconds.', { retryAfter: 7 });
  }
}
