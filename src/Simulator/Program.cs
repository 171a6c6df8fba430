System.Console.WriteLine("Handrail simulator");
