// What a dashboard's file may hold: Grafana's own types of dashboards, panels and their options, where enumerations are the texts and numbers
// that stand in JSON, together with what the Elasticsearch data source takes as a query.
import type {
  Dashboard,
  DataSourceRef,
  FieldConfigSource,
  GraphFieldConfig,
  Panel,
  TableFieldOptions,
} from '@grafana/schema';
import type { Options as LogsOptions } from '@grafana/schema/dist/esm/raw/composable/logs/panelcfg/x/LogsPanelCfg_types.gen';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type {
  FieldConfig as TimelineFieldConfig,
  Options as TimelineOptions,
} from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type { Options as TableOptions } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { Options as SeriesOptions } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// biome-ignore lint/suspicious/noExplicitAny: any is what Grafana's own types say in places, and it must stay that
type IsAny<T> = 0 extends 1 & T ? any : never;

/** Plain is a type as JSON has it: members of enumerations are texts and numbers. */
export type Plain<T> = [IsAny<T>] extends [never]
  ? T extends string
    ? `${T}`
    : T extends number | boolean | null | undefined
      ? T
      : T extends readonly (infer U)[]
        ? Plain<U>[]
        : T extends object
          ? { [K in keyof T]: Plain<T[K]> }
          : T
  : T;

type Metric =
  | { id: `${number}`; type: 'count' }
  | { id: `${number}`; type: 'avg' | 'sum' | 'max' | 'min' | 'cardinality'; field: string }
  | { id: `${number}`; type: 'percentiles'; field: string; settings: { percents: `${number}`[] } }
  | { id: `${number}`; type: 'raw_data'; settings: { size: `${number}` } }
  | { id: `${number}`; type: 'logs'; settings: { limit: `${number}` } };

type Bucket =
  | {
      id: `${number}`;
      type: 'date_histogram';
      field: '@timestamp';
      settings: { interval: string; min_doc_count: `${number}` };
    }
  | {
      id: `${number}`;
      type: 'terms';
      field: string;
      settings: { size: `${number}`; order: 'asc' | 'desc'; orderBy: string; min_doc_count: `${number}` };
    }
  | { id: `${number}`; type: 'filters'; settings: { filters: { query: string; label: string }[] } };

type Target = { refId: string; hide?: boolean } & (
  | {
      datasource: { type: 'elasticsearch'; uid: `es-${string}` };
      query: string;
      alias?: string;
      metrics: Metric[];
      bucketAggs?: Bucket[];
    }
  | { datasource: { type: '__expr__'; uid: '__expr__' }; type: 'math'; expression: string }
);

type Calculation = {
  id: 'calculateField';
  options: {
    mode: 'binary';
    alias: string;
    replaceFields: boolean;
    timeSeries: boolean;
    binary: { left: Operand; operator: '+' | '-' | '*' | '/'; right: Operand };
  };
};
type Operand = { fixed: `${number}` } | { matcher: { id: 'byName'; options: string } };
type Transformation =
  | Calculation
  | { id: 'filterFieldsByName'; options: { include: { names: string[] } } }
  | {
      id: 'organize';
      options: {
        excludeByName: Record<string, boolean>;
        indexByName: Record<string, number>;
        renameByName: Record<string, string>;
      };
    };

type DataLink = { title: string; url: string; targetBlank: boolean };
type Override = {
  matcher: { id: 'byName'; options: string };
  properties: ({ id: 'unit' | 'displayName'; value: string } | { id: 'links'; value: DataLink[] })[];
};

// Index signatures take anything: a field of a name that nobody knows would pass. So panels have those that are known, and no others.
type Known<T> = { [K in keyof T as string extends K ? never : K]: T[K] };

type Shaped<Kind extends string, Options, Custom> = Omit<
  Plain<Known<Panel>>,
  'type' | 'targets' | 'options' | 'fieldConfig' | 'transformations' | 'datasource'
> & {
  type: Kind;
  id: number;
  title: string;
  description: string;
  datasource: DataSourceRef & { uid: `es-${string}` };
  targets: Target[];
  transformations?: Transformation[];
  options: Plain<Known<Options>>;
  fieldConfig: {
    defaults: Omit<Plain<FieldConfigSource['defaults']>, 'custom'> & {
      custom?: Partial<Plain<Known<Custom>>>;
    };
    overrides: Override[];
  };
};

type Panels =
  | Shaped<'timeseries', SeriesOptions, GraphFieldConfig>
  | Shaped<'stat', StatOptions, never>
  | Shaped<'table', TableOptions, TableFieldOptions>
  | Shaped<'logs', LogsOptions, never>
  | Shaped<'state-timeline', TimelineOptions, TimelineFieldConfig>;

type Annotation = {
  name: string;
  enable: boolean;
  iconColor: string;
  datasource: DataSourceRef;
  target: { refId: string; query: string };
  timeField: string;
  timeEndField: string;
  textField: string;
  tagsField: string;
};

/** File is a whole dashboard. */
export type File = Omit<Plain<Known<Dashboard>>, 'panels' | 'annotations' | 'uid'> & {
  uid: `nb-${string}`;
  panels: Panels[];
  annotations: { list: Annotation[] };
};
