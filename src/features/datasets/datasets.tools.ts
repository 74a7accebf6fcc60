import { Injectable } from '@nestjs/common';
import { AuditLogger, DenialReason, ForbiddenError, McpTool, PermissionManager, type Call } from '../../index.js';
import { DatasetRegistry, type ConfiguredDataset } from './dataset-registry.js';
import { DatasetStores } from './dataset-stores.js';
import { datasetInput, datasetOutput, type DatasetInput, type DatasetOutput } from './datasets.schema.js';

/** The guide's tool for sensitive data (guide, "Permission management"). */
@Injectable()
export class DatasetsTools {
  constructor(
    private readonly datasets: DatasetRegistry,
    private readonly stores: DatasetStores,
    private readonly permissions: PermissionManager,
    private readonly audit: AuditLogger,
  ) {}

  /**
   * Reads, updates or deletes rows of a dataset.
   *
   * Its policy asks for `datasets:update` before it runs, whatever the operation; here the operation itself is decided,
   * and deleting takes the role `admin`. Operations and their failures are in the audit, with the conditions and the
   * names of changed columns, without the values put there.
   */
  @McpTool({
    title: 'Sensitive data operation',
    description:
      'Read, update or delete rows of a dataset. parameters for read: where, columns, limit, offset, order_by; for ' +
      'update: values, and where or all: true; for delete: where. where is column → value. Start with a small read to ' +
      'see the columns.',
    inputSchema: datasetInput,
    outputSchema: datasetOutput,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    requiresAuth: true,
    requiredPermissions: ['execute'],
    requiredRoles: ['analyst', 'admin'],
    resourcePermission: { permission: 'datasets:update', resource: ({ dataset_id }: DatasetInput) => dataset_id },
    auditLogging: true,
    tags: ['datasets'],
  })
  async sensitiveDataOperation(input: DatasetInput, call: Call): Promise<DatasetOutput> {
    const { operation, dataset_id: id } = input;
    if (operation === 'delete' && !this.permissions.effective(call.principal).roles.has('admin')) {
      throw new ForbiddenError('Delete operations require admin role');
    }
    const refusal = `Insufficient permissions for ${operation} on dataset ${id}`;
    const dataset = this.datasets.find(id);
    if (dataset === undefined) throw new ForbiddenError(refusal);
    const { principal } = call;
    const decision = await this.permissions.checkResourcePermission(principal, 'datasets', operation, dataset);
    if (!decision.allowed)
      throw new ForbiddenError(refusal, {
        cause: new DenialReason(decision.rule, decision.reason, { cause: decision.cause }),
      });
    return this.#recorded(input, call, () => this.#execute(input, dataset, call));
  }

  async #execute(
    { operation, parameters }: DatasetInput,
    dataset: ConfiguredDataset,
    call: Call,
  ): Promise<DatasetOutput> {
    const store = this.stores.get(dataset);
    const dataset_id = dataset.id;
    if (operation === 'update') return { operation, dataset_id, affected_rows: await store.update(parameters, call) };
    if (operation === 'delete') return { operation, dataset_id, affected_rows: await store.delete(parameters, call) };
    const { rows, nextOffset } = await store.read(parameters, call);
    const next = nextOffset === undefined ? {} : { next_offset: nextOffset };
    return { operation, dataset_id, rows: [...rows], row_count: rows.length, ...next };
  }

  async #recorded(input: DatasetInput, call: Call, work: () => Promise<DatasetOutput>): Promise<DatasetOutput> {
    let result: DatasetOutput;
    try {
      result = await work();
    } catch (thrown) {
      await this.#record(input, call, false);
      throw thrown;
    }
    await this.#record(input, call, true, result.operation === 'read' ? result.row_count : result.affected_rows);
    return result;
  }

  async #record(input: DatasetInput, call: Call, success: boolean, rows?: number): Promise<void> {
    const { operation, dataset_id, parameters } = input;
    const { values, ...rest } = parameters;
    const details = { ...rest, ...(values !== undefined && { changed: Object.keys(values) }), rows };
    await this.audit.logOperation({
      call,
      operation,
      resourceType: 'dataset',
      resourceId: dataset_id,
      success,
      details,
    });
  }
}
