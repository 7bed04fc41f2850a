// What a dashboard's JSON has to be: Grafana's published types, with the panels that our dashboards have by their own
// options. A further kind of panel gets its line in `Panel`.

import type * as grafana from '@grafana/schema';
import type * as logs from '@grafana/schema/dist/esm/raw/composable/logs/panelcfg/x/LogsPanelCfg_types.gen';
import type * as nodeGraph from '@grafana/schema/dist/esm/raw/composable/nodegraph/panelcfg/x/NodeGraphPanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** What JSON has of a T: an enumeration's members are plain words. */
type Json<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends Array<infer Item>
      ? Array<Json<Item>>
      : T extends object
        ? { [Key in keyof T]: Json<T[Key]> }
        : T;

/** The published type leaves links open; this is what `DataLink` of @grafana/data has of them. */
interface Link {
  title: string;
  url: string;
  targetBlank: boolean;
}

type FieldConfig<Custom> = Omit<Json<grafana.FieldConfig>, 'custom' | 'links'> & { custom?: Json<Custom>; links?: Link[] };

/** A panel with the options of its kind; what is not there gets Grafana's default. */
type Kind<Type extends string, Options, Custom> = Omit<Json<grafana.Panel>, 'type' | 'options' | 'fieldConfig'> & {
  type: Type;
  options: Partial<Json<Options>>;
  fieldConfig: Omit<Json<grafana.FieldConfigSource>, 'defaults'> & { defaults: FieldConfig<Custom> };
};

type Panel =
  | Kind<'stat', stat.Options, never>
  | Kind<'table', table.Options, Partial<table.FieldConfig>>
  | Kind<'timeseries', timeseries.Options, timeseries.FieldConfig>
  | Kind<'nodeGraph', nodeGraph.Options, never>
  | Kind<'logs', logs.Options, never>;

/** Grafana's own annotations, and queries of Prometheus with what its data source reads besides the published type. */
type Annotation = Omit<Json<grafana.AnnotationQuery>, 'target'> & {
  target?: { refId: string; expr: string; interval: string };
  titleFormat?: string;
  textFormat?: string;
  tagKeys?: string;
};

export type Dashboard = Omit<Json<grafana.Dashboard>, 'panels' | 'annotations'> & {
  panels: Panel[];
  annotations: { list: Annotation[] };
};
