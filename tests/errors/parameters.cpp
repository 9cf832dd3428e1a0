#include <gradus/gradus.h>

#include "errors/misuse.h"

using namespace gradus;

namespace {

const gradus::tests::Misuses stale{{
    {"stale_value",
     [] {
       const Parameter w(ones({2}), "w");
       const Tensor output = (w * 3).named("output");
       w.assign(zeros({2}));
       output.values();
     }},
    {"stale_leaf",
     [] {
       const Parameter w(ones({2}), "w");
       const Tensor before = w;
       w.assign(zeros({2}));
       before.values();
     }},
    {"stale_cost",
     [] {
       const Parameter w(ones({2}), "w");
       Sgd optimizer({w}, {.learning_rate = 0.1});
       const Tensor first = sum(square(w)), second = sum(w * w * w).named("second cost");
       optimizer.step(first);
       optimizer.step(second);
     }},
    {"stale_gradient",
     [] {
       const Parameter w(ones({2}), "w");
       const Tensor cost = sum(square(w));
       const Tensor slope = gradients(cost, {w})[0].named("slope");
       w.assign(zeros({2}));
       slope.values();
     }},
    {"step_twice",
     [] {
       const Parameter w(ones({2}), "w");
       Sgd optimizer({w}, {.learning_rate = 0.1});
       const Tensor cost = sum(square(w)).named("cost");
       optimizer.step(cost);
       optimizer.step(cost);
     }},
    {"forgotten_history",
     [] {
       const Parameter w(ones({2}), "w");
       const Tensor hidden = (w * 2).named("hidden");
       evaluate({hidden});
       w.assign(zeros({2}));
       gradients(sum(hidden), {w});
     }},
    {"forgotten_constants",
     [] {
       const Tensor x = ones({2}).named("x");
       const Tensor y = exp(x).named("y");
       y.values();
       gradients(sum(y), {x});
     }},
}};

const gradus::tests::Misuses assignments{{
    {"assign_twice",
     [] {
       const Parameter w(ones({2}), "w");
       assign({{w, zeros({2})}, {w, ones({2})}});
     }},
    {"assign_shape",
     [] {
       const Parameter w(ones({784, 30}), "w");
       w.assign(zeros({30, 784}));
     }},
    {"assign_dtype",
     [] {
       const Parameter w(ones({2}), "w");
       w.assign(tensor({1.0, 2.0}).named("update"));
     }},
    {"assign_empty",
     [] {
       const Parameter w(ones({2}), "w");
       w.assign(Tensor());
     }},
}};

}  // namespace
