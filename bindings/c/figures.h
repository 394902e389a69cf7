// What a koble_figures holds.
#ifndef KOBLE_BINDINGS_C_FIGURES_H_
#define KOBLE_BINDINGS_C_FIGURES_H_

#include <string>
#include <utility>

#include "figures/figures.h"
#include "handle.h"
#include "koble/koble_figures.h"

struct koble_figures {
  explicit koble_figures(koble::figures::Figures figures) : fold(std::move(figures)) {}
  koble::figures::Figures fold;
  std::string refusal;  // what the binding itself refused; otherwise the fold's own words hold
};

namespace koble::c {
template <>
inline constexpr uint32_t kFirstSize<koble_figures_options> = 40;
template <>
inline constexpr uint32_t kFirstSize<koble_figures_queue_row> = sizeof(koble_figures_queue_row);
template <>
inline constexpr uint32_t kFirstSize<koble_figures_agent_row> = sizeof(koble_figures_agent_row);
}  // namespace koble::c

#endif  // KOBLE_BINDINGS_C_FIGURES_H_
