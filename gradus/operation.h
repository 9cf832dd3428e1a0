#pragma once

// For those who define operations of their own; brings Eigen.
#include <gradus/graph/gradient_check.h>
#include <gradus/graph/operation.h>
#include <gradus/ops/elementwise.h>
