#include <cstdio>
#include <functional>

struct Shape {
  virtual ~Shape() { std::puts("gone"); }
  virtual double area() const = 0;
};
struct Square : Shape {
  explicit Square(double side) : side(side) {}
  double area() const override { return side * side; }
  double side;
};
struct Circle : Shape {
  explicit Circle(double radius) : radius(radius) {}
  double area() const override { return 3.25 * radius * radius; }
  double radius;
};

struct Announce {
  explicit Announce(const char *name) : name(name) {
    std::printf("make %s\n", name);
  }
  ~Announce() { std::printf("end %s\n", name); }
  const char *name;
};
static Announce first("first"), second("second");

int main() {
  Square square(2);
  Circle circle(1.5);
  const Shape *shapes[] = {&square, &circle};
  std::function<double(const Shape *)> area = [](const Shape *shape) {
    return shape->area();
  };
  double sum = 0;
  for (const Shape *shape : shapes)
    sum += area(shape);
  std::printf("%.4f\n", sum);
  static Announce local("local");
  return 0;
}
