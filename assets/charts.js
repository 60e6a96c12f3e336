// Charts from data that the page already shows as a table. A chart never carries a number that the table lacks.
import {BarChart, LineChart, PieChart, RadarChart} from "echarts/charts";
import {AriaComponent, GridComponent, LegendComponent, RadarComponent, TooltipComponent} from "echarts/components";
import * as echarts from "echarts/core";
import {CanvasRenderer} from "echarts/renderers";

echarts.use([
  BarChart, LineChart, PieChart, RadarChart,
  AriaComponent, GridComponent, LegendComponent, RadarComponent, TooltipComponent,
  CanvasRenderer,
]);

const colours = ["#0f766e", "#1d5a99", "#a15c07", "#7c3a8a", "#4d6b1f", "#9b2c4a"];
const ink = "#1f2d33";
const font = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

function base(data) {
  return {
    color: colours,
    // Series differ by dash and mark too: colour is never the only sign.
    aria: {enabled: true, decal: {show: data.kind === "bar" || data.kind === "pie"}},
    animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: {fontFamily: font, color: ink, fontSize: 13},
    legend: data.series.length > 1 || data.kind === "pie" ? {bottom: 0, textStyle: {color: ink}} : undefined,
    tooltip: {renderMode: "richText", confine: true, trigger: data.kind === "line" || data.kind === "bar" ? "axis" : "item"},
  };
}

const bands = [[ "low", "high", 0.12], ["first", "third", 0.22]];

// The middle of each side as a line within its bands: 5–95 % light, 25–75 % darker, both of the line's colour. A band is drawn as
// a line nobody sees at its lower edge with the width stacked upon it; the tip tells the edges themselves.
function banded(data) {
  const series = data.series.flatMap((one, i) => [
    ...bands.flatMap(([low, high, opacity]) => [
      {...unseen, name: one.name, stack: `${low} ${i}`, stackStrategy: "all", data: one[low]},
      {
        ...unseen,
        name: one.name,
        stack: `${low} ${i}`,
        stackStrategy: "all",
        data: one[high].map((value, at) => (value === null || one[low][at] === null ? null : value - one[low][at])),
        areaStyle: {color: colours[i], opacity},
      },
    ]),
    {
      type: "line",
      name: one.name,
      data: one.values,
      z: 3,
      symbol: marks[i % marks.length],
      symbolSize: 6,
      itemStyle: {color: colours[i]},
      lineStyle: {type: dashes[i % dashes.length], width: 2, color: colours[i]},
    },
  ]);
  const written = (value) => (value === null || value === undefined ? "—" : value.toLocaleString("zh-CN"));
  const tip = (points) => {
    const at = points[0].dataIndex;
    const lines = data.series.map((one) => `${one.name} ${written(one.values[at])}（5%–95%：${written(one.low[at])} 至 ${written(one.high[at])}）`);
    return [data.labels[at], ...lines].join("\n");
  };
  const drawn = axes(data, "line");
  return {
    ...drawn,
    legend: {bottom: 0, textStyle: {color: ink}, data: data.series.map((one, i) => ({name: one.name, icon: marks[i % marks.length]}))},
    tooltip: {renderMode: "richText", confine: true, trigger: "axis", formatter: tip},
    series,
  };
}

// Points where their two numbers put them, each series joined in its order: the label tells which one it is.
function placed(data) {
  return {
    grid: {left: 8, right: 24, top: 28, bottom: data.series.length > 1 ? 60 : 32, containLabel: true},
    xAxis: {type: "value", name: data.across, nameLocation: "middle", nameGap: 26, scale: true, axisLabel: {color: ink, hideOverlap: true}, nameTextStyle: {color: ink}},
    yAxis: {type: "value", name: data.unit, scale: data.zero === false, axisLabel: {color: ink}, nameTextStyle: {color: ink}},
    tooltip: {
      renderMode: "richText",
      confine: true,
      trigger: "item",
      formatter: ({value: [x, y, label]}) => `${label}\n${x.toLocaleString("zh-CN")} ${data.across}，${y.toLocaleString("zh-CN")} ${data.unit}`,
    },
    series: data.series.map((one, i) => ({
      type: "line",
      name: one.name,
      data: data.at.map((x, at) => [x, one.values[at], data.labels[at]]).filter(([, y]) => y !== null),
      showAllSymbol: true,
      symbol: marks[i % marks.length],
      symbolSize: 10,
      lineStyle: {type: dashes[i % dashes.length], width: 2},
    })),
  };
}

const unseen = {type: "line", symbol: "none", lineStyle: {opacity: 0}, silent: true, tooltip: {show: false}};
const marks = ["circle", "rect", "triangle", "diamond"];
const dashes = ["solid", "dashed", "dotted"];

function axes(data, kind) {
  return {
    grid: {left: 8, right: 12, top: 28, bottom: data.series.length > 1 ? 36 : 8, containLabel: true},
    xAxis: {type: "category", data: data.labels, axisLabel: {color: ink, hideOverlap: true}, axisTick: {show: false}},
    yAxis: {type: "value", name: data.unit, max: data.max, scale: data.zero === false, axisLabel: {color: ink}, nameTextStyle: {color: ink}},
    series: data.series.map((one, i) => ({
      type: kind,
      name: one.name,
      data: one.values,
      barMaxWidth: 28,
      connectNulls: false,
      symbol: marks[i % marks.length],
      symbolSize: 7,
      lineStyle: {type: dashes[(data.paired ? i % 2 : i) % dashes.length], width: 2},
      // Pairs (before and after) share a colour and differ by dash and mark.
      ...(data.paired ? {color: colours[(i >> 1) % colours.length]} : {}),
    })),
  };
}

const shapes = {
  line: (data) => axes(data, "line"),
  bar: (data) => axes(data, "bar"),
  band: banded,
  xy: placed,
  radar: (data) => ({
    radar: {
      radius: "66%",
      center: ["50%", data.series.length > 1 ? "47%" : "52%"],
      indicator: data.labels.map((name) => ({name, min: 0, max: data.max})),
      axisName: {color: ink, fontSize: 13},
      splitArea: {areaStyle: {color: ["#ffffff", "#f3f7f7"]}},
      splitLine: {lineStyle: {color: "#d3dedd"}},
      axisLine: {lineStyle: {color: "#d3dedd"}},
    },
    series: [{
      type: "radar",
      data: data.series.map((one, i) => ({
        name: one.name,
        value: one.values,
        symbol: marks[i % marks.length],
        symbolSize: 7,
        lineStyle: {type: dashes[i % dashes.length], width: 2},
        areaStyle: {opacity: i === 0 ? 0.16 : 0},
      })),
    }],
  }),
  pie: (data) => ({
    series: [{
      type: "pie",
      radius: ["38%", "66%"],
      center: ["50%", "44%"],
      label: {formatter: "{b} {d}%", color: ink, overflow: "break", width: 90},
      data: data.labels.map((name, i) => ({name, value: data.series[0].values[i]})),
    }],
  }),
};

function draw(element) {
  if (echarts.getInstanceByDom(element)) return;
  // The data stands in the attribute: htmx takes script elements, JSON ones too, out of the fragments it loads.
  const data = JSON.parse(element.dataset.chart);
  const chart = echarts.init(element);
  chart.setOption({...base(data), ...shapes[data.kind](data)});
  new ResizeObserver(() => chart.resize()).observe(element);
}

function drawAll(within) {
  within.querySelectorAll("[data-chart]").forEach(draw);
}

drawAll(document);
document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));
window.addEventListener("beforeprint", () => document.querySelectorAll("[data-chart]").forEach((element) => {
  echarts.getInstanceByDom(element)?.resize();
}));
