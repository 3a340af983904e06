// The stretch of a recording that is in sight: where its samples and steps stand on the canvas.

const MOST_ZOOM_S = 0.4; // the shortest stretch that fills the width
const LEFT = 46; // room for units and sides, px
const RIGHT = 8;

class Sight {
  constructor() {
    this.zoom = 0; // 0: all of it, 1: as near as it gets
    this.from = 0; // the first sample in sight
    this.wide = 0; // of the canvas, px
  }

  // data: of the recording. edges: the sample at which each step begins, and where the last one ends.
  take(data, edges) {
    this.samples = data.count;
    this.rate = data.timed ? data.rate : data.count / 40;
    this.edges = edges;
    this.steps = edges.length - 1;
  }

  // Of what is in sight, in samples.
  get length() {
    const least = Math.min(this.samples, Math.max(8, MOST_ZOOM_S * this.rate));
    return this.samples * (least / this.samples) ** this.zoom;
  }

  get end() {
    return this.from + this.length;
  }

  // Of the part of the canvas in which the samples stand, px.
  get room() {
    return this.wide - LEFT - RIGHT;
  }

  // about: what share of the stretch stays where it is.
  zoomTo(zoom, about) {
    const fixed = this.from + about * this.length;
    this.zoom = Math.max(0, Math.min(1, zoom));
    this.moveTo(fixed - about * this.length);
  }

  moveTo(from) {
    this.from = Math.max(0, Math.min(this.samples - this.length, from));
  }

  holds(step) {
    return this.edges[step] >= this.from && this.edges[step + 1] <= this.end;
  }

  x(sample) {
    return LEFT + ((sample - this.from) / this.length) * this.room;
  }

  sampleAt(x) {
    return this.from + ((x - LEFT) / this.room) * this.length;
  }

  middleOf(step) {
    return this.x((this.edges[step] + this.edges[step + 1]) / 2);
  }

  // The step that a sample belongs to: the last one that begins at or before it; how many there are beyond the last.
  stepOf(sample) {
    return sample < 0 ? -1 : firstPlace(this.steps + 1, (step) => this.edges[step] > sample) - 1;
  }

  // The first and the last step in sight, with some more around them.
  span(around = 0) {
    return [Math.max(0, this.stepOf(this.from) - around), Math.min(this.steps - 1, this.stepOf(this.end) + around)];
  }
}
