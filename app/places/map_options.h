// What a map is asked for besides its method.
#pragma once

#include <QWidget>
#include <string>

#include "core/maps/maps.h"
#include "core/spec/settings.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QSpinBox;

namespace selfsight {

class Dataset;
class HelpCard;
class Popover;
class SpecForm;

class MapOptions : public QWidget {
  Q_OBJECT
 public:
  explicit MapOptions(QWidget* parent = nullptr);

  /// Until the person chooses, those that are held out are laid out, or all where these are too
  /// few.
  void suit(const Dataset& dataset);
  /// Those of "tsne", "pca" or "epochs". Maps over epochs have a number of images of their own.
  void show_method(const QString& method);
  TsneOptions tsne() const;
  std::int64_t images() const;
  std::string split() const;  // as images_of() takes it

 private:
  void build_more();
  void build_form();

  QSpinBox* images_;         // of one map
  QSpinBox* frames_images_;  // of each map over the epochs
  bool over_epochs_ = false;
  Popover* more_;
  QComboBox* split_;
  QLabel* perplexity_words_;
  QDoubleSpinBox* perplexity_;
  Settings settings_;  // of t-SNE, but for its perplexity
  SpecForm* form_;
  HelpCard* help_;
};

}  // namespace selfsight
