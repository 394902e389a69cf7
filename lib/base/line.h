// A line: nodes in a total order. Who comes last, as most do, is appended to a list, its tail; before the tail stands an intrusive treap, for those who
// came out of their turn and those behind whom the tail has grown long. So to append, to take the first and to leave from anywhere cost a few steps most
// often; insertion and removal anywhere are logarithmic.
//
// The nodes live elsewhere, in arrays; a line holds their indexes. The heap order of the treap comes from a fixed mixing of the node's index, so
// there is no hidden randomness and nothing to store for it.
#ifndef KOBLE_LIB_BASE_LINE_H_
#define KOBLE_LIB_BASE_LINE_H_

#include <cstdint>

#include "base/slots.h"

namespace koble::base {

// In the treap its children and parent. In the tail the nodes before and behind it, the first that stands there having the last of the treap before
// it; and kInTail.
struct LineLinks {
  uint32_t left = kNil;
  uint32_t right = kNil;
  uint32_t parent = kNil;
};
inline constexpr uint32_t kInTail = kNil - 1;

struct Line {
  uint32_t first = kNil;
  uint32_t last = kNil;
  uint32_t size = 0;
  uint32_t root = kNil;  // of the treap
  uint32_t tail = kNil;  // the first of it
  uint32_t tail_size = 0;
};

// A tail is no longer than this, so that who cannot be put into it does not have too many planted first. (Measured: docs/performance.md.)
inline constexpr uint32_t kTailMost = 256;
// So far from the end of a tail the place is looked for of who does not come last.
inline constexpr uint32_t kTailLook = 8;

// The node behind `node`, which stands in the line; kNil behind the last.
template <class Nodes>
[[gnu::always_inline]] inline uint32_t NextInLine(const Nodes& nodes, const Line& line, uint32_t node) {
  const LineLinks* links = &nodes.Links(node);
  if (links->parent == kInTail) return links->right;
  if (links->right != kNil) {
    node = links->right;
    while (nodes.Links(node).left != kNil) node = nodes.Links(node).left;
    return node;
  }
  while (links->parent != kNil && nodes.Links(links->parent).right == node) {
    node = links->parent;
    links = &nodes.Links(node);
  }
  return links->parent != kNil ? links->parent : line.tail;
}

// The first node for which `holds` is true, where it is false for all before it and true for all behind; kNil if none. Costs the logarithm of
// the treap, and where it is not there the length of the tail.
template <class Nodes, class Holds>
uint32_t FirstInLine(const Nodes& nodes, const Line& line, Holds holds) {
  uint32_t first = kNil;
  for (uint32_t node = line.root; node != kNil;) {
    if (holds(node)) {
      first = node;
      node = nodes.Links(node).left;
    } else {
      node = nodes.Links(node).right;
    }
  }
  if (first != kNil) return first;
  for (first = line.tail; first != kNil && !holds(first);) first = nodes.Links(first).right;
  return first;
}

// `Nodes` gives `LineLinks& Links(uint32_t)`; `bool Before(uint32_t, uint32_t)`, a strict total order; and `bool ComeLast()`, whether most nodes are
// the last when they come: then there is a tail. It is always the same for a line.
template <class Nodes>
class LineOf {
 public:
  LineOf(Line& line, Nodes nodes) : line_(line), nodes_(nodes) {}

  [[gnu::always_inline]] void Insert(uint32_t node) {
    ++line_.size;
    const uint32_t last = line_.last;
    if (last != kNil && !nodes_.Before(last, node)) return InsertBefore(node);
    line_.last = node;
    if (last == kNil) line_.first = node;
    if (!nodes_.ComeLast()) return PlantBehind(last, node);
    nodes_.Links(node) = {last, kNil, kInTail};
    (line_.tail == kNil ? line_.tail : nodes_.Links(last).right) = node;
    if (++line_.tail_size > kTailMost) PlantFirstOfTail();
  }

  [[gnu::always_inline]] void Remove(uint32_t node) {
    --line_.size;
    const LineLinks links = nodes_.Links(node);
    if (links.parent != kInTail) return RemovePlanted(node);
    (line_.tail == node ? line_.tail : nodes_.Links(links.left).right) = links.right;
    (links.right == kNil ? line_.last : nodes_.Links(links.right).left) = links.left;
    if (line_.first == node) line_.first = links.right;
    --line_.tail_size;
  }

 private:
  // The last of the treap, kNil where it is empty: where there is no tail it is the last of all.
  uint32_t& Planted() { return line_.tail == kNil ? line_.last : nodes_.Links(line_.tail).left; }

  // Of one who is not the last.
  [[gnu::noinline]] void InsertBefore(uint32_t node) {
    if (nodes_.Before(node, line_.first)) line_.first = node;
    uint32_t behind = line_.tail == kNil ? kNil : line_.last;
    for (uint32_t looked = 0; behind != kNil && looked < kTailLook; ++looked) {
      const uint32_t before = nodes_.Links(behind).left;
      if (before == kNil || nodes_.Before(before, node)) return PutIntoTail(node, before, behind);
      behind = behind == line_.tail ? kNil : before;
    }
    const uint32_t planted = Planted();
    const bool among_planted = planted != kNil && nodes_.Before(node, planted);
    while (!among_planted && line_.tail != kNil) PlantFirstOfTail();
    InsertPlanted(node);
  }

  void PutIntoTail(uint32_t node, uint32_t before, uint32_t behind) {
    nodes_.Links(node) = {before, behind, kInTail};
    (behind == line_.tail ? line_.tail : nodes_.Links(before).right) = node;
    nodes_.Links(behind).left = node;
    if (++line_.tail_size > kTailMost) PlantFirstOfTail();
  }

  [[gnu::noinline]] void PlantFirstOfTail() {
    const uint32_t node = line_.tail;
    const LineLinks links = nodes_.Links(node);
    line_.tail = links.right;
    --line_.tail_size;
    PlantBehind(links.left, node);
  }

  // Behind the last of the treap; kNil where it is empty.
  [[gnu::noinline]] void PlantBehind(uint32_t planted, uint32_t node) {
    nodes_.Links(node) = {kNil, kNil, planted};
    (planted == kNil ? line_.root : nodes_.Links(planted).right) = node;
    Rise(node);
  }

  // Somewhere before it.
  void InsertPlanted(uint32_t node) {
    uint32_t at = line_.root;
    for (;;) {
      LineLinks& here = nodes_.Links(at);
      uint32_t& child = nodes_.Before(node, at) ? here.left : here.right;
      if (child == kNil) {
        child = node;
        break;
      }
      at = child;
    }
    nodes_.Links(node) = {kNil, kNil, at};
    Rise(node);
  }

  void Rise(uint32_t node) {
    const LineLinks& links = nodes_.Links(node);
    while (links.parent != kNil && Weight(node) > Weight(links.parent)) RotateUp(node);
  }

  [[gnu::noinline]] void RemovePlanted(uint32_t node) {
    if (line_.first == node) line_.first = NextInLine(nodes_, line_, node);
    if (uint32_t& planted = Planted(); planted == node) planted = Previous(node);
    const LineLinks& links = nodes_.Links(node);
    while (links.left != kNil && links.right != kNil) {
      RotateUp(Weight(links.left) > Weight(links.right) ? links.left : links.right);
    }
    Replace(node, links.left != kNil ? links.left : links.right);
  }

  static uint32_t Weight(uint32_t node) {
    uint64_t x = (node + uint64_t{1}) * 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
    return static_cast<uint32_t>(x >> 32);
  }

  // Of one that is planted, among those.
  uint32_t Previous(uint32_t node) const {
    const LineLinks* links = &nodes_.Links(node);
    if (links->left != kNil) {
      node = links->left;
      while (nodes_.Links(node).right != kNil) node = nodes_.Links(node).right;
      return node;
    }
    while (links->parent != kNil && nodes_.Links(links->parent).left == node) {
      node = links->parent;
      links = &nodes_.Links(node);
    }
    return links->parent;
  }

  // Puts `child` (may be kNil) where `node` hangs.
  void Replace(uint32_t node, uint32_t child) {
    const uint32_t parent = nodes_.Links(node).parent;
    if (child != kNil) nodes_.Links(child).parent = parent;
    if (parent == kNil) {
      line_.root = child;
    } else if (nodes_.Links(parent).left == node) {
      nodes_.Links(parent).left = child;
    } else {
      nodes_.Links(parent).right = child;
    }
  }

  void RotateUp(uint32_t node) {
    LineLinks& links = nodes_.Links(node);
    const uint32_t parent = links.parent;
    LineLinks& above = nodes_.Links(parent);
    Replace(parent, node);
    if (above.left == node) {
      above.left = links.right;
      if (links.right != kNil) nodes_.Links(links.right).parent = parent;
      links.right = parent;
    } else {
      above.right = links.left;
      if (links.left != kNil) nodes_.Links(links.left).parent = parent;
      links.left = parent;
    }
    above.parent = node;
  }

  Line& line_;
  Nodes nodes_;
};

}  // namespace koble::base

#endif  // KOBLE_LIB_BASE_LINE_H_
