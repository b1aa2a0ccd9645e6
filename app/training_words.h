// How far a training run or another job is, in words and as a part.
#pragma once

#include <QString>

namespace selfsight {

class Job;
class TrainJob;

inline constexpr int bar_steps = 1000;  // of a bar that shows such a part

double training_part(const TrainJob& training);    // in [0, 1]
QString training_words(const TrainJob& training);  // "run 12 · 34 % · 6 min left"
QString job_words(const Job& job);                 // "34 % · 6 min left"

}  // namespace selfsight
