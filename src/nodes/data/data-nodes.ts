import type { Provider } from '@nestjs/common';
import { CSVReaderNode } from './csv/csv-reader.node.js';
import { CSVWriterNode } from './csv/csv-writer.node.js';
import { DuckDb } from './duckdb/duck-db.js';
import { ParquetReaderNode } from './duckdb/parquet-reader.node.js';
import { DirectoryReaderNode } from './files/directory-reader.node.js';
import { JSONReaderNode } from './json/json-reader.node.js';
import { JSONWriterNode } from './json/json-writer.node.js';
import { SQLDatabaseNode } from './sql/sql-database.node.js';
import { CorrelationNode } from './statistics/correlation.node.js';
import { DataCleanerNode } from './statistics/data-cleaner.node.js';
import { StatisticsNode } from './statistics/statistics.node.js';
import { TextReaderNode } from './text/text-reader.node.js';
import { TextWriterNode } from './text/text-writer.node.js';
import { AggregateNode } from './transform/aggregate.node.js';
import { DataTransformer } from './transform/data-transformer.node.js';
import { FilterNode } from './transform/filter.node.js';
import { JoinNode } from './transform/join.node.js';
import { MapNode } from './transform/map.node.js';
import { SortNode } from './transform/sort.node.js';

/** The nodes for data, and what they share. They need `DataSettings`, `NodeFiles` and core's `SqlConnections`. */
export const DATA_NODES: readonly Provider[] = [
  DuckDb,
  CSVReaderNode,
  CSVWriterNode,
  JSONReaderNode,
  JSONWriterNode,
  TextReaderNode,
  TextWriterNode,
  ParquetReaderNode,
  DirectoryReaderNode,
  SQLDatabaseNode,
  DataTransformer,
  FilterNode,
  MapNode,
  SortNode,
  AggregateNode,
  JoinNode,
  StatisticsNode,
  CorrelationNode,
  DataCleanerNode,
];
