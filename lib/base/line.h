// A line: nodes in a total order, kept in an intrusive treap. Appending at the end and taking the first cost a step or two on average;
// insertion and removal anywhere are logarithmic.
//
// The nodes live elsewhere, in arrays; a line holds their indexes. The heap order of the treap comes from a fixed mixing of the node's index, so
// there is no hidden randomness and nothing to store for it.
#ifndef KOBLE_LIB_BASE_LINE_H_
#define KOBLE_LIB_BASE_LINE_H_

#include <cstdint>

#include "base/slots.h"

namespace koble::base {

struct LineLinks {
  uint32_t left = kNil;
  uint32_t right = kNil;
  uint32_t parent = kNil;
};

struct Line {
  uint32_t root = kNil;
  uint32_t first = kNil;
  uint32_t last = kNil;
  uint32_t size = 0;
};

// The node behind `node`; kNil behind the last.
template <class Nodes>
uint32_t NextInLine(const Nodes& nodes, uint32_t node) {
  const LineLinks* links = &nodes.Links(node);
  if (links->right != kNil) {
    node = links->right;
    while (nodes.Links(node).left != kNil) node = nodes.Links(node).left;
    return node;
  }
  while (links->parent != kNil && nodes.Links(links->parent).right == node) {
    node = links->parent;
    links = &nodes.Links(node);
  }
  return links->parent;
}

// The first node for which `holds` is true, where it is false for all before it and true for all behind; kNil if none.
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
  return first;
}

// `Nodes` gives `LineLinks& Links(uint32_t)` and `bool Before(uint32_t, uint32_t)`, a strict total order.
template <class Nodes>
class LineOf {
 public:
  LineOf(Line& line, Nodes nodes) : line_(line), nodes_(nodes) {}

  [[gnu::always_inline]] void Insert(uint32_t node) {
    LineLinks& links = nodes_.Links(node);
    links = LineLinks{};
    ++line_.size;
    if (line_.root == kNil) {
      line_.root = line_.first = line_.last = node;
      return;
    }
    if (nodes_.Before(line_.last, node)) {  // the usual case: behind everybody
      links.parent = line_.last;
      nodes_.Links(line_.last).right = node;
      line_.last = node;
    } else {
      uint32_t at = line_.root;
      for (;;) {
        LineLinks& here = nodes_.Links(at);
        uint32_t& child = nodes_.Before(node, at) ? here.left : here.right;
        if (child == kNil) {
          child = node;
          links.parent = at;
          break;
        }
        at = child;
      }
      if (nodes_.Before(node, line_.first)) line_.first = node;
    }
    while (links.parent != kNil && Weight(node) > Weight(links.parent)) RotateUp(node);
  }

  [[gnu::always_inline]] void Remove(uint32_t node) {
    if (line_.first == node) line_.first = NextInLine(nodes_, node);
    if (line_.last == node) line_.last = Previous(node);
    LineLinks& links = nodes_.Links(node);
    while (links.left != kNil && links.right != kNil) {
      RotateUp(Weight(links.left) > Weight(links.right) ? links.left : links.right);
    }
    Replace(node, links.left != kNil ? links.left : links.right);
    links = LineLinks{};
    --line_.size;
  }

 private:
  static uint32_t Weight(uint32_t node) {
    uint64_t x = (node + uint64_t{1}) * 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
    return static_cast<uint32_t>(x >> 32);
  }

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
