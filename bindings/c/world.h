// What a world's handle holds.
#ifndef KOBLE_BINDINGS_C_WORLD_H_
#define KOBLE_BINDINGS_C_WORLD_H_

#include <utility>

#include "engine/engine.h"
#include "figures/figures.h"
#include "koble/koble_world.h"
#include "sim/drawn.h"
#include "sim/model.h"
#include "sim/world.h"

struct koble_world {
  koble_world(koble::engine::Engine* engine_in, koble::sim::Model model_in, koble::figures::Figures* figures)
      : engine(engine_in), model(std::move(model_in)), source(model), world(engine, &model, &source, figures) {}
  koble::engine::Engine* engine;
  koble::sim::Model model;
  koble::sim::Drawn source;
  koble::sim::World world;
};

#endif  // KOBLE_BINDINGS_C_WORLD_H_
