#pragma once

#include <program/program.h>

// What chapter 3 of the book does, says or asks, each in a file of its own.
namespace chapter3 {

using program::Experiment;

extern const Experiment more_data, more_data_svm;

}  // namespace chapter3
