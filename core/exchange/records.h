// What was measured during a run, for spreadsheets and for TensorBoard.
#pragma once

#include <filesystem>

#include "core/history/store.h"

namespace selfsight {

/// One line per point: metric, step, epoch, active seconds, segment, value. Throws Error.
void save_metrics_csv(const std::filesystem::path& path, const Store& store, std::int64_t run);

/// Writes `folder`/events.out.tfevents.0.run-N, each metric a scalar by its step. The times of its
/// events are the run's creation and active seconds since. Throws Error.
void save_tensorboard(const std::filesystem::path& folder, const Store& store, std::int64_t run);

/// What TensorBoard's files end each part with: CRC-32C (Castagnoli), turned and shifted.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace selfsight
