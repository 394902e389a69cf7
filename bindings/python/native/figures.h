// Figures as Python holds them.
#ifndef KOBLE_BINDINGS_PYTHON_FIGURES_H_
#define KOBLE_BINDINGS_PYTHON_FIGURES_H_

#include <koble/koble_figures.h>

#include "native.h"
#include "plan.h"

namespace koble_python {

class Figures {
 public:
  explicit Figures(koble_figures* figures) : figures_(figures) {}
  ~Figures() { koble_figures_destroy(figures_); }
  Figures(Figures&& other) noexcept : figures_(other.figures_) { other.figures_ = nullptr; }
  Figures(const Figures&) = delete;
  Figures& operator=(const Figures&) = delete;
  koble_figures* get() const { return figures_; }

 private:
  koble_figures* figures_;
};

}  // namespace koble_python

#endif  // KOBLE_BINDINGS_PYTHON_FIGURES_H_
