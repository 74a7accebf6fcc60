import { Injectable } from '@nestjs/common';
import { McpTool, type ContentBlock } from '../../../src/index.js';

/** Tools whose content is not what the protocol describes, as types cannot keep everybody from it. */
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
}
