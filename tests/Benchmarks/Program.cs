System.Console.WriteLine("Handrail benchmarks");
