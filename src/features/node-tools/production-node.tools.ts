import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { CSVReaderNode, LLMAgentNode, NodeTools, PythonCodeNode } from '../../index.js';

/** The node tools of the guide's production server ("Production Deployment"). */
@Injectable()
export class ProductionNodeTools implements OnApplicationBootstrap {
  constructor(private readonly tools: NodeTools) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.tools.registerNodeTool(CSVReaderNode, 'read_csv', {
      description: 'Read and parse CSV files',
      requiredPermissions: ['read'],
      cacheTtl: 300,
    });
    await this.tools.registerNodeTool(PythonCodeNode, 'execute_python', {
      description: 'Execute Python code safely',
      requiredPermissions: ['execute'],
      requiredRoles: ['data_scientist', 'admin'],
      rateLimit: 10,
    });
    await this.tools.registerNodeTool(LLMAgentNode, 'ai_assistant', {
      description: 'AI-powered analysis and insights',
      requiredPermissions: ['write'],
      cacheTtl: 1800,
      // An agent may call tools that change things; who asks the same again within the time gets the same answer.
      cacheWrites: true,
    });
  }
}
