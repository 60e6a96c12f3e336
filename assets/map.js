// A schematic map of what the page already lists as a table: no tiles, nothing asked of another server.
import "leaflet/dist/leaflet.css";
import "./map.css";
import {CRS, LatLngBounds, circle, circleMarker, control, map as newMap, polyline, rectangle} from "leaflet";

const ink = "#1f2d33";
const [teal, blue, red] = ["#0f766e", "#1d5a99", "#b42318"];

// Metres east and north; Leaflet's simple plane takes (north, east).
const spot = (one) => [one.y, one.x];

function draw(element) {
  const data = JSON.parse(document.getElementById(element.dataset.map).textContent);
  const all = [...data.places, ...data.centres];
  if (!all.length) return;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const plan = newMap(element, {
    crs: CRS.Simple, attributionControl: false, zoomControl: false, minZoom: -10, maxZoom: 2, zoomSnap: 0.25,
    zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, scrollWheelZoom: false,
  });
  control.zoom({zoomInTitle: "放大", zoomOutTitle: "缩小"}).addTo(plan);
  const bounds = new LatLngBounds(all.map(spot)).pad(0.08);
  plan.fitBounds(bounds.isValid() ? bounds : new LatLngBounds([[-1, -1], [1, 1]]));
  const centres = new Map(data.centres.map((one) => [one.number, one]));
  for (const one of data.places) {
    const to = centres.get(one.centre);
    if (to) polyline([spot(one), spot(to)], {color: to.existing ? blue : teal, weight: 1.5, opacity: 0.7, interactive: false}).addTo(plan);
  }
  // Shape tells as colour does: a square is a centre (filled: new), a ring is a neighbourhood, a thick ring nobody serves.
  for (const one of data.places) {
    const out = one.centre === 0;
    circleMarker(spot(one), {radius: out ? 6 : 4, color: out ? red : ink, weight: out ? 3 : 1, fillColor: "#fff", fillOpacity: 1})
      .bindTooltip(`${one.name}：${one.households} 户${out ? `，没有服务到（${one.why}）` : `，到${centres.get(one.centre).name}`}`)
      .addTo(plan);
  }
  const size = data.radius * 0.09;
  for (const one of data.centres) {
    const colour = one.existing ? blue : teal;
    if (!data.schematic) circle(spot(one), {radius: data.radius, color: colour, weight: 0.75, opacity: 0.5, fillOpacity: 0.03, interactive: false}).addTo(plan);
    rectangle([[one.y - size, one.x - size], [one.y + size, one.x + size]], {color: colour, weight: 2, fillColor: one.existing ? "#fff" : colour, fillOpacity: 1})
      .bindTooltip(`${one.number}. ${one.name}：${one.existing ? "已有" : "新建"}，${one.people} 个小区，${one.households} 户`)
      .addTo(plan);
  }
  element.dataset.drawn = String(data.centres.length);
}

for (const element of document.querySelectorAll("[data-map]")) draw(element);
